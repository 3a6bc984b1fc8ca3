/** Injection tokens of intake's own parts. */
export const EVENT_WRITER = Symbol('CoalescingWriter of events');
export const EVENT_PRODUCER = Symbol('RecordProducer of events');
export const LEASE_PRODUCER = Symbol('RecordProducer of the lease holder');
export const ROUTING = Symbol('Routing');
export const INTAKE_MODE = Symbol('live or replay');
export const INTAKE_ENVIRONMENT = Symbol('IntakeEnvironment');
export const SOURCES = Symbol('sources of sources.yaml');
