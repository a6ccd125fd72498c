import fc from 'fast-check'

/** The seed of every run, so that a failure is of the change under test. Any other finds new cases: `PROPERTY_SEED=$RANDOM npm run test:unit`. */
const SEED = 20_261_130

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? SEED) })

export { fc }
