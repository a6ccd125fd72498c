import { ANNOUNCEMENT_TYPES, type AnnouncementType } from '../../messages/announcement.ts'
import { KINDS } from '../../messages/kinds.ts'
import { shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** Name of the setting for the suffix of a kind's gossip topic. */
export type GossipSuffixSetting<T extends AnnouncementType = AnnouncementType> = `p2p_${(typeof KINDS)[T]['gossip']['setting']}_topic`

export const GOSSIP_SUFFIX_SETTINGS = Object.fromEntries(
  ANNOUNCEMENT_TYPES.map((type): [AnnouncementType, GossipSuffixSetting] => [type, `p2p_${KINDS[type].gossip.setting}_topic`]),
) as Record<AnnouncementType, GossipSuffixSetting>

/** Allows an empty suffix: rules.ts reports a missing topic that the dialect needs, in the words of the network's other nodes. */
export const topicSuffix = (about: string, suffix: string) =>
  setting(shaped('a topic name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9._-]{1,100}$/), {
    description: `Suffix of the gossip topic of ${about}.`,
    default: suffix,
  })

/** The gossip topics of each kind of announcement and of the handshake. */
export const gossipTopicSettings = {
  ...(Object.fromEntries(
    ANNOUNCEMENT_TYPES.map((type) => [GOSSIP_SUFFIX_SETTINGS[type], topicSuffix(KINDS[type].gossip.about, KINDS[type].gossip.suffix)]),
  ) as { readonly [T in AnnouncementType as GossipSuffixSetting<T>]: ReturnType<typeof topicSuffix> }),
  p2p_handshake_topic: topicSuffix('handshakes', 'handshake'),
}
