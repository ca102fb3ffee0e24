/** The servers the gateway runs or has a name for, to choose one instead of typing. */
import type { LinkStatus } from "../model/carrier.ts";
import { Menu } from "./menu.tsx";

export interface ServersMenuProps {
  servers: LinkStatus["servers"];
  choose(address: string): void;
}

export function ServersMenu({ servers, choose }: ServersMenuProps) {
  return (
    <Menu label="Servers to talk to" face={<Caret />} className="servers">
      {(shut) => (
        <ul className="server-list">
          {servers.map((server) => (
            <li key={server.address}>
              <button
                type="button"
                onClick={() => {
                  shut();
                  choose(server.address);
                }}
              >
                <span className="label">{server.name}</span>
                <span className="data">{server.address}</span>
                <span className="about">{server.about}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Menu>
  );
}

function Caret() {
  return (
    <svg width="16" height="10" viewBox="0 0 16 10" aria-hidden="true">
      <path d="M2 2l6 6 6-6" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
