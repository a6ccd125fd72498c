import { AREAS, type AreaFinding, type Grade } from './finding.ts'

/** Columns of the whole report. */
const WIDTH = 100
const AREA_WIDTH = Math.max(...AREAS.map((area) => area.length))
const GRADE_WIDTH = 4
const INDENT = ' '.repeat(AREA_WIDTH + 2 + GRADE_WIDTH + 2)

/** The findings as a table: area, grade, reason; the remedy on a line of its own. The last line counts the grades. */
export function reportLines(findings: readonly AreaFinding[]): string[] {
  const rows = findings.flatMap(({ area, grade, reason, remedy }, at) => {
    const isFirst = findings[at - 1]?.area !== area
    const head = `${(isFirst ? area : '').padEnd(AREA_WIDTH)}  ${grade.padEnd(GRADE_WIDTH)}  `
    return [...wrapped(head, reason), ...(remedy === null ? [] : wrapped(`${INDENT}-> `, remedy))]
  })
  return [...rows, '', countLine(findings)]
}

function countLine(findings: readonly AreaFinding[]): string {
  const count = (grade: Grade) => findings.filter((finding) => finding.grade === grade).length
  const [fine, warnings, failures] = [count('ok'), count('warn'), count('fail')]
  return `${fine} ok, ${warnings} warning${warnings === 1 ? '' : 's'}, ${failures} failure${failures === 1 ? '' : 's'}`
}

/** Breaks text at blanks. The lines after the first are indented as far as the head. A word longer than a line stays whole. */
function wrapped(head: string, text: string): string[] {
  const lines: string[] = []
  let line = head
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = ' '.repeat(head.length)
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line.trimEnd()]
}
