import type { Problem } from '#libs/kernel';
import { nearestName } from '#libs/kernel';
import type { EventRecipe, InstantRecipe, ValueRecipe } from './event-recipe.js';
import { eventsOf } from './event-recipe.js';
import { mapSchema, type DataShape, type EmitFile, type InstantFile, type MapFile } from './map-schema.js';
import { RowExpressions, type RowExpression } from './row-expressions.js';
import type { SourceMap } from './source-map.js';
import { readYaml, refuse, type ReadFile } from './yaml-file.js';

export interface LoadOptions {
  /** Zone of a map that names none (a source's own, in sources.yaml). */
  readonly timeZone?: string;
}

/**
 * Reads and compiles a map file (kind: SourceMap).
 * @throws FileError with every problem in it: code, place, nearest right name.
 */
export function loadMap(text: string, file: string, options: LoadOptions = {}): SourceMap {
  const read = readYaml(text, file, mapSchema, 'MAP');
  const { value } = read;
  const compiler = new MapCompiler(read, new RowExpressions(value.columns ?? null));
  const recipes = value.emits.map((emit, i) => compiler.recipe(emit, ['emits', i]));
  const timeZone = value.timeZone ?? options.timeZone;
  if (timeZone === undefined) {
    const advice = 'Add `timeZone:`, e.g. `timeZone: America/Sao_Paulo`: local times without offset are read in it.';
    compiler.problems.push(
      read.problemAt(['timeZone'], { code: 'MAP_FIELD_MISSING', detail: '`timeZone` is missing', advice }),
    );
  }
  refuse(compiler.problems);
  const columns = value.columns ?? null;
  const context = { source: value.source, timeZone: timeZone as string, columns, file };
  return {
    name: value.name,
    source: value.source,
    timeZone: context.timeZone,
    columns,
    missingColumns: (header) => missingColumns(columns ?? [], header, file),
    events: (row, rowNumber) => eventsOf(recipes, row, rowNumber, context),
  };
}

function missingColumns(columns: readonly string[], header: readonly string[], file: string): Problem[] {
  return columns
    .filter((column) => !header.includes(column))
    .map((column) => {
      const nearest = nearestName(column, header);
      const advice = `${nearest ? `Did you mean \`${nearest}\`? ` : ''}Found: ${header.join(', ')}.`;
      return {
        code: 'MAP_COLUMN_MISSING',
        detail: `${file} needs the column \`${column}\`; the file has none`,
        advice,
      };
    });
}

class MapCompiler {
  readonly problems: Problem[] = [];

  constructor(
    private readonly file: ReadFile<MapFile>,
    private readonly expressions: RowExpressions,
  ) {}

  recipe(emit: EmitFile, path: readonly PropertyKey[]): EventRecipe {
    return {
      type: emit.type,
      when: emit.when === undefined ? null : this.expression(emit.when, [...path, 'when']),
      id: emit.id.map((part, i) => this.expression(part, [...path, 'id', i])),
      subject: this.expression(emit.subject, [...path, 'subject']),
      time: this.instant(emit.time, [...path, 'time']),
      receivedAt: emit.receivedAt === undefined ? null : this.instant(emit.receivedAt, [...path, 'receivedAt']),
      data: Object.entries(emit.data).map(([name, shape]) => [name, this.value(shape, [...path, 'data', name])]),
    };
  }

  private value(shape: DataShape, path: readonly PropertyKey[]): ValueRecipe {
    if (typeof shape !== 'object') return { run: this.expression(shape, path) };
    return { members: Object.entries(shape).map(([name, inner]) => [name, this.value(inner, [...path, name])]) };
  }

  private instant(shape: InstantFile, path: readonly PropertyKey[]): InstantRecipe {
    if (typeof shape !== 'object') return { run: this.expression(shape, path), zone: null };
    const zone = shape.zone === undefined ? 'map' : this.expression(shape.zone, [...path, 'zone']);
    return { run: this.expression(shape.local, [...path, 'local']), zone };
  }

  private expression(source: string | number | boolean, path: readonly PropertyKey[]): RowExpression {
    const compiled = this.expressions.compile(source);
    if ('run' in compiled) return compiled.run;
    this.problems.push(this.file.problemAt(path, compiled.fault, compiled.offset));
    return () => null;
  }
}
