import { KAFKA_CONTROLS } from './controls.ts'
import { testControls } from './test-controls.ts'

testControls(KAFKA_CONTROLS)
