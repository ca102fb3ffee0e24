/** Under which addresses other machines reach this one, the most likely first. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Networks inside this machine, between its containers and virtual machines; and tunnels. */
const VIRTUAL =
  /^(?:docker|br-|veth|virbr|vmnet|vboxnet|vnic|lxc|lxd|podman|cni|flannel|cali|kube|bridge|tun|tap|utun|wg|zt|tailscale|awdl|llw|ham)|vethernet|wsl|virtualbox|vmware|hyper-v|loopback/i;

/** Addresses that routers give out at home and at school (RFC 1918). */
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;
/** What a machine takes that was given none (RFC 3927). */
const LINK_LOCAL = /^169\.254\./;

/**
 * IPv4 addresses of this machine for others to open, the best first: that of the default route, then
 * private ones of real network cards; those of virtual ones only where there are no others.
 * @param preferred the address that leads out, where it is known.
 */
export function outsideAddresses(
  interfaces: Interfaces = networkInterfaces(),
  preferred: string | null = null,
): string[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4")
      .map(({ address }) => ({ address, isVirtual: VIRTUAL.test(name) })),
  );
  const real = found.filter(({ isVirtual }) => !isVirtual);
  const usable = real.length > 0 ? real : found;
  const rank = (address: string) => {
    if (address === preferred) return 0;
    if (LINK_LOCAL.test(address)) return 3;
    return PRIVATE.test(address) ? 1 : 2;
  };
  // The way out may lead through a tunnel, whose address nobody in the room can reach.
  return usable.map(({ address }) => address).sort((a, b) => rank(a) - rank(b));
}

/**
 * The address from which this machine would reach the internet. connect(2) of a datagram socket chooses it
 * and sends nothing (udp(7)); the address is one that belongs to nobody (RFC 5737).
 * @returns null where there is no way out.
 */
export async function defaultAddress(): Promise<string | null> {
  const socket = createSocket("udp4");
  try {
    socket.connect(9, "192.0.2.1");
    await once(socket, "connect");
    return socket.address().address;
  } catch {
    return null;
  } finally {
    socket.close();
  }
}
