/** How often a bench repeats its measurement: `BENCH_RUNS` shortens all of them, for a comparison of two builds. */
export function runs(usual: number): number {
  const wanted = Number(process.env.BENCH_RUNS ?? usual)
  return Number.isInteger(wanted) && wanted > 0 ? wanted : usual
}
