import { httpUrl } from '../kinds/address-kinds.ts'
import { choice, list, shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

const NAME = /^[A-Za-z0-9._-]{1,100}$/
const NAME_FORM = 'a name of letters, digits, dots, dashes and underscores, at most 100'

/** Who this bridge is. */
export const bridgeSettings = {
  title: 'Bridge',
  settings: {
    roles: setting(list(choice('relay', 'edge', 'admin')), {
      description:
        'What this process does: `relay` joins Kafka to the peers, `edge` serves browsers, `admin` serves the administration API.',
      default: 'relay,edge,admin',
      example: 'edge',
    }),
    network: setting(choice('mainnet', 'testnet', 'regtest', 'stn', 'teratestnet', 'tstn'), {
      description: 'The blockchain network; it stands in the names of all gossip topics.',
      default: 'mainnet',
      example: 'teratestnet',
    }),
    clientName: setting(shaped('text without line breaks, at most 256 characters', /^[^\p{C}]{1,256}$/u), {
      description: 'What this node calls itself towards others.',
      default: 'gossip-bridge',
    }),
    bridge_id: setting(shaped(NAME_FORM, NAME), {
      description:
        'Name of the bridge of one node. All its instances share it; the consumer groups `<bridge_id>.log` and `<bridge_id>.gossip` derive from it.',
      default: '',
      derived: 'clientName',
      example: 'node-a',
    }),
    instance_id: setting(shaped(NAME_FORM, NAME), {
      description: 'Name of this process among the instances of the bridge. Two running instances must never share one.',
      default: '',
      derived: 'generated',
      example: 'gossip-bridge-0',
    }),
    asset_httpPublicAddress: setting(httpUrl(), {
      description: 'Base URL under which other nodes fetch the data of what this node announces.',
      default: '',
      derived: 'asset_httpAddress',
      example: 'https://node.example.org/api/v1',
    }),
    asset_httpAddress: setting(httpUrl(), {
      description: 'The same inside the own network; announced when there is no public one.',
      default: 'http://localhost:8090/api/v1',
    }),
  },
}
