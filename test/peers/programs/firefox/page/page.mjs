#!/usr/bin/env node
// `page.mjs FIREFOX URL` opens the bridge's page in Firefox, by WebDriver BiDi. What it shows is a line of JSON on standard output each
// time it changes: `state` of the connection, ids of the `rows`, and `errors` of the page and its console. A line of standard input is
// the beginning of a button's name: it is pressed. The program ends when its input does.
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import puppeteer from 'puppeteer-core'

const LOOK_MS = 100
const [executablePath, url] = process.argv.slice(2)
const browser = await puppeteer.launch({ browser: 'firefox', executablePath, timeout: 120_000 })
const page = await browser.newPage()
const errors = []
page.on('pageerror', (error) => errors.push(`${error}`))
page.on('console', (message) => {
  if (['error', 'warn'].includes(message.type())) errors.push(message.text())
})
await page.goto(url)

let said = ''
let isOver = false
async function look() {
  const shown = await page.evaluate(() => ({
    state: document.querySelector('[data-state]')?.dataset.state,
    rows: [...document.querySelectorAll('#feed .row')].map((row) => row.dataset.id),
  }))
  const line = JSON.stringify({ ...shown, errors })
  if (line !== said) console.log(line)
  said = line
}

const input = createInterface({ input: process.stdin })
input.on('line', (name) =>
  page.evaluate((start) => {
    for (const button of document.querySelectorAll('button')) if (button.textContent.trim().startsWith(start)) button.click()
  }, name),
)
input.on('close', () => {
  isOver = true
})

while (!isOver) {
  await look()
  await pause(LOOK_MS)
}
await browser.close()
