/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian. Each begins and ends with its
 * length, and everything in it is filled up to 32 bits.
 */

type Bytes = Uint8Array<ArrayBuffer>;

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** An option: its code and its value. */
export type Option = readonly [code: number, value: string | Uint8Array];

export const OPT_COMMENT = 1;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const EPB_FLAGS = 2;

/** An option's length has 16 bits. */
const MAX_OPTION_BYTES = 0xffff;

const encoder = new TextEncoder();
const filledUp = (length: number) => Math.ceil(length / 4) * 4;

/** A section whose length is not known before it is written. */
export function sectionHeader(options: readonly Option[]): Bytes {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  view.setUint16(6, 0, true);
  view.setBigInt64(8, -1n, true);
  return block(SECTION_HEADER, [body, optionsOf(options)]);
}

/** An interface without a bound on the length of its packets. */
export function interfaceDescription(linkType: number, options: readonly Option[]): Bytes {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setUint16(0, linkType, true);
  return block(INTERFACE_DESCRIPTION, [body, optionsOf(options)]);
}

/**
 * A packet of the first interface.
 * @param time in units of the interface's resolution, since 1970.
 * @param original the length it had; more than the data's when not all is kept.
 */
export function enhancedPacket(
  time: number,
  data: readonly Uint8Array[],
  original: number,
  options: readonly Option[],
): Bytes {
  const captured = data.reduce((sum, { length }) => sum + length, 0);
  const body = new Uint8Array(20);
  const view = new DataView(body.buffer);
  view.setUint32(4, Math.floor(time / 2 ** 32), true);
  view.setUint32(8, time % 2 ** 32, true);
  view.setUint32(12, captured, true);
  view.setUint32(16, original, true);
  const padding = new Uint8Array(filledUp(captured) - captured);
  return block(ENHANCED_PACKET, [body, ...data, padding, optionsOf(options)]);
}

function block(type: number, parts: readonly Uint8Array[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 12);
  const whole = new Uint8Array(length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  let at = 8;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  view.setUint32(at, length, true);
  return whole;
}

/** Code, length and value of each, and the option that ends them. */
function optionsOf(options: readonly Option[]): Bytes {
  const values = options.map(([code, value]) => {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    return { code, bytes: bytes.subarray(0, MAX_OPTION_BYTES) };
  });
  const length = values.reduce((sum, { bytes }) => sum + 4 + filledUp(bytes.length), 4);
  const list = new Uint8Array(length);
  const view = new DataView(list.buffer);
  let at = 0;
  for (const { code, bytes } of values) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, bytes.length, true);
    list.set(bytes, at + 4);
    at += 4 + filledUp(bytes.length);
  }
  return list;
}
