/** C1 controls, the line ends that JSON does not escape, and characters that reverse the direction of text. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** Makes JSON text safe for a terminal: JSON.stringify escapes only the controls below the blank. The result is valid JSON. */
export function printableJson(json: string): string {
  return json.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
