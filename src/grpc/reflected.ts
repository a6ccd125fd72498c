import type { PackageDefinition } from '@grpc/proto-loader'

/** proto-loader makes one file of each package, and names it after the package. */
const IMPORTED = 'google_protobuf.proto'
/** Field 3 of FileDescriptorProto, a text: `dependency`. */
const DEPENDENCY = 0x1a

/**
 * The definition for reflection. proto-loader leaves the imports out of its files (grpc-node issue 3034), so that grpcurl cannot resolve
 * `google.protobuf.Empty` and shows nothing. Here each file imports it again; a field may be appended to an encoded message.
 */
export function withImports(definition: PackageDefinition): PackageDefinition {
  const name = Buffer.from(IMPORTED)
  const dependency = Buffer.concat([Buffer.from([DEPENDENCY, name.length]), name])
  return Object.fromEntries(
    Object.entries(definition).map(([key, value]) => {
      const { fileDescriptorProtos: files } = value
      if (!Array.isArray(files)) return [key, value]
      const whole = files.map((file) => (file.includes(IMPORTED) ? file : Buffer.concat([file, dependency])))
      return [key, { ...value, fileDescriptorProtos: whole }]
    }),
  )
}
