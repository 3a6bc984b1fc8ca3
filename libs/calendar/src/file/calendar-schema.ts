const windows = {
  type: 'array',
  description: 'Open from – until, half-open; several a day; [] is closed',
  maxItems: 24,
  items: {
    type: 'string',
    pattern: '^\\d{1,2}:\\d{2}(:\\d{2})?-\\d{1,2}:\\d{2}(:\\d{2})?$',
    examples: ['09:00-17:00'],
  },
} as const;

const week = {
  description:
    'Windows by weekday: mon, mon-fri, sat,sun, * for all; where several name a day, the one with the fewest days holds; a day that none names is closed. 24x7: never closed',
  anyOf: [
    { const: '24x7' },
    {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^(\\*|(mon|tue|wed|thu|fri|sat|sun)([-,] ?(mon|tue|wed|thu|fri|sat|sun))*)$' },
      additionalProperties: windows,
    },
  ],
} as const;

const place = {
  type: 'object',
  description: 'A country, or one of its regions; without region only what is a holiday in all of it',
  properties: {
    country: { type: 'string', pattern: '^[A-Z]{2}$', description: 'ISO 3166-1, two capitals', examples: ['DE'] },
    region: { type: 'string', maxLength: 20, description: 'As ISO 3166-2 has it, without country', examples: ['BY'] },
  },
  required: ['country'],
  additionalProperties: false,
} as const;

const texts = { anyOf: [{ type: 'string' }, { type: 'array', maxItems: 50, items: { type: 'string' } }] } as const;

/** Calendar files, `apiVersion: makegood/v1`, as JSON Schema 2020-12, for editors. */
export const calendarJsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:makegood:calendar:v1',
  title: 'makegood calendar',
  type: 'object',
  description: 'Opening hours, holidays and their changes in one place',
  properties: {
    apiVersion: { const: 'makegood/v1', description: 'The version of this form' },
    kind: { const: 'Calendar', description: 'What this file is' },
    name: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,62}$', description: 'Its name, as the file is called' },
    title: { type: 'string', maxLength: 200, description: 'What it is, for people' },
    timeZone: { type: 'string', description: 'A time zone of the tz database', examples: ['Europe/Berlin'] },
    week,
    holidays: {
      type: 'object',
      description: 'Local days without any opening',
      properties: {
        public: { anyOf: [place, { type: 'array', maxItems: 50, items: place }], description: 'Public holidays of' },
        dates: {
          type: 'array',
          maxItems: 5000,
          description: 'Local dates, or ranges of them with both ends: 2026-12-24/2026-12-31',
          items: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}(/\\d{4}-\\d{2}-\\d{2})?$' },
        },
        icalendar: { ...texts, description: 'All-day events of iCalendar texts, or of files beside this one' },
      },
      additionalProperties: false,
    },
    changes: {
      type: 'array',
      maxItems: 200,
      description: 'Another week from a local date or an instant on',
      items: {
        type: 'object',
        properties: {
          from: { type: 'string', description: 'A local date or an instant', examples: ['2027-01-01'] },
          week,
        },
        required: ['from', 'week'],
        additionalProperties: false,
      },
    },
  },
  required: ['apiVersion', 'kind', 'name', 'timeZone', 'week'],
  additionalProperties: false,
} as const;
