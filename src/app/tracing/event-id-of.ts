import type { Settings } from '../../config/settings.ts'
import type { KafkaRecord } from '../../kafka/record.ts'
import type { WireFormats } from '../wire-formats.ts'

/** What the trace of a record without a context follows from: the id of its event. Undefined for a record that is no announcement. */
export function eventIdOf({ bridge_id: bridgeId }: Settings, formats: WireFormats) {
  return (record: KafkaRecord): string | undefined => {
    try {
      const announcement = formats.toAnnouncement(record)
      return announcement && formats.announcementId(announcement, bridgeId, record)
    } catch {
      return undefined // its flow says why it is no announcement
    }
  }
}
