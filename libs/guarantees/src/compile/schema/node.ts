/** How the text of a scalar is read, beyond JSON Schema's types. */
export type TextKind =
  'text' | 'name' | 'event-type' | 'expression' | 'duration' | 'duration-or-expression' | 'zone' | 'currency' | 'date';

/**
 * The part of JSON Schema 2020-12 that describes the language. Editors complete from it and the compiler checks by
 * it; the `x-` members are ours.
 */
export interface SchemaNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | readonly string[];
  /** One of several forms, told apart by what they are: a text, a list or a mapping. */
  readonly anyOf?: readonly SchemaNode[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | SchemaNode;
  readonly maxProperties?: number;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly (string | boolean)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly 'x-kind'?: TextKind;
}

export const text = (description: string, maxLength = 200): SchemaNode => ({
  type: 'string',
  maxLength,
  description,
  'x-kind': 'text',
});

export const choice = (description: string, values: readonly string[], byDefault?: string): SchemaNode => ({
  type: 'string',
  enum: values,
  description,
  ...(byDefault === undefined ? {} : { default: byDefault }),
});

export const integer = (description: string, minimum: number, maximum: number): SchemaNode => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});

export const expression = (description: string, ...examples: string[]): SchemaNode => ({
  type: ['string', 'boolean', 'number'],
  maxLength: 2_000,
  description: `${description} (a CEL expression)`,
  examples,
  'x-kind': 'expression',
});

export const duration = (description: string, ...examples: string[]): SchemaNode => ({
  type: 'string',
  pattern: '^P(?!$)(\\d+W)?(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+(\\.\\d{1,3})?S)?)?$',
  description: `${description} (an ISO 8601 duration)`,
  examples,
  'x-kind': 'duration',
});

/** A fixed duration, or an expression that gives one. */
export const durationOrExpression = (description: string, ...examples: string[]): SchemaNode => ({
  ...expression(description, ...examples),
  description: `${description} (an ISO 8601 duration, or a CEL expression that gives one)`,
  'x-kind': 'duration-or-expression',
});

export const flag = (description: string): SchemaNode => ({ type: 'boolean', enum: [true], description });

export const record = (
  description: string,
  properties: Readonly<Record<string, SchemaNode>>,
  required: readonly string[] = [],
): SchemaNode => ({ type: 'object', description, properties, required, additionalProperties: false });

export const eventType = (description: string): SchemaNode => ({
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$',
  description,
  examples: ['shop.order.placed'],
  'x-kind': 'event-type',
});

/** Names of the author's own, each with an expression. */
export const namedExpressions = (description: string, example: string): SchemaNode => ({
  type: 'object',
  description,
  examples: [example],
  maxProperties: 20,
  additionalProperties: expression('Its value'),
});

export const list = (description: string, items: SchemaNode, minItems: number, maxItems: number): SchemaNode => ({
  type: 'array',
  description,
  minItems,
  maxItems,
  items,
});
