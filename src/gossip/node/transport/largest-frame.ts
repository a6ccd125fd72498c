/** Largest frame of the muxer: what a peer may send on a stream before it is told that it may go on. */
export const MAX_FRAME_BYTES = 512 << 10
