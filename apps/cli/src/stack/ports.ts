export const SERVICE_NAMES = ['intake', 'sla-timer', 'compensation', 'loyalty'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

export const DEFAULT_PORT_BASE = 8080;

/** Every port of a stack follows from its base N (design: console N, services N+1 …, broker N+10, database N+11). */
export interface StackPorts {
  readonly console: number;
  readonly intake: number;
  readonly 'sla-timer': number;
  readonly compensation: number;
  readonly loyalty: number;
  readonly broker: number;
  readonly controller: number;
  readonly database: number;
}

export function portsOf(portBase: number): StackPorts {
  return {
    console: portBase,
    intake: portBase + 1,
    'sla-timer': portBase + 2,
    compensation: portBase + 3,
    loyalty: portBase + 4,
    broker: portBase + 10,
    database: portBase + 11,
    controller: portBase + 20,
  };
}
