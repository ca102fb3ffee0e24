/** The teacher's screen. */
import type { Classroom } from "../model/classroom.ts";
import type { Desk } from "../model/desk.ts";
import type { Settings } from "../model/settings.ts";
import type { Gateway } from "./gateway.ts";
import { Header } from "./header.tsx";
import { useValue } from "./use-store.ts";

export interface ClassScreenProps {
  classroom: Classroom;
  desk: Desk;
  settings: Settings;
  gateway: Gateway;
  /** False while another screen is in front. */
  shown: boolean;
}

export function ClassScreen({ classroom, desk, settings }: ClassScreenProps) {
  const now = useValue(classroom, () => classroom.now);
  return (
    <div className="sheet">
      <Header settings={settings} desk={desk} />
      <main>
        <h2 className="label">{now?.name ?? "Class"}</h2>
      </main>
    </div>
  );
}
