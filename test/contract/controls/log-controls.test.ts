import { LOG_CONTROLS } from './controls.ts'
import { testControls } from './test-controls.ts'

testControls(LOG_CONTROLS)
