/** An IP address as text, to the bytes that stand for it in a packet. */

/**
 * Four bytes for IPv4, sixteen for IPv6; null for what is neither. A zone (`fe80::1%eth0`) says which
 * network card to use, and is no part of the address.
 */
export function addressBytes(host: string): Uint8Array<ArrayBuffer> | null {
  const [text = ""] = host.split("%");
  if (!text.includes(":")) return fourBytes(text);
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const four = tail?.[2] ? fourBytes(tail[2]) : null;
  if (tail && !four) return null;
  const hex = ([a, b]: number[]) => (((a ?? 0) << 8) | (b ?? 0)).toString(16);
  // ::ffff:192.0.2.1 writes its last two groups as IPv4.
  return eightGroups(four ? `${tail?.[1]}${hex([...four])}:${hex([...four.subarray(2)])}` : text);
}

function fourBytes(text: string): Uint8Array<ArrayBuffer> | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return null;
  }
  return Uint8Array.from(parts, Number);
}

function eightGroups(text: string): Uint8Array<ArrayBuffer> | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [before = [], after = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - before.length - after.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...before, ...new Array<string>(missing).fill("0"), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return Uint8Array.from(
    groups.flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 255];
    }),
  );
}
