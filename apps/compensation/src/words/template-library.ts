import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Liquid, type Template } from 'liquidjs';
import { dayText, spanText } from './day-text.js';
import { NotPlainError, plainText, type PlainText, type TextFilter } from './plain-text.js';

export interface RenderedWords {
  readonly title: string;
  readonly body: string;
}

interface CompiledText {
  readonly templates: Template[];
  readonly plain: PlainText | null;
}

interface CompiledWords {
  readonly title: CompiledText;
  readonly body: CompiledText;
}

/** Filters of our own. */
const FILTERS: ReadonlyMap<string, TextFilter> = new Map([
  ['day', dayText],
  ['span', spanText],
]);

export const FALLBACK_LOCALE = 'en';
const SEPARATOR = /^---\n/m;

/**
 * Texts by locale and name: `templates/<locale>/<name>.liquid`, its first line the title, then `---`, then the body.
 * What a template inserts is escaped for HTML; a variable that it misspells is an error, not a gap.
 */
export class TemplateLibrary {
  private readonly liquid = new Liquid({
    outputEscape: 'escape',
    strictVariables: true,
    strictFilters: true,
    cache: false,
  });
  private readonly words = new Map<string, CompiledWords>();

  constructor() {
    for (const [name, filter] of FILTERS) this.liquid.registerFilter(name, filter);
  }

  /** @throws Error when a file is no template, with the file's name: told at start, not at the first breach. */
  static read(directory: string): TemplateLibrary {
    const library = new TemplateLibrary();
    for (const locale of readdirSync(directory)) {
      for (const file of readdirSync(join(directory, locale)).filter((name) => name.endsWith('.liquid'))) {
        library.add(locale, file.slice(0, -'.liquid'.length), readFileSync(join(directory, locale, file), 'utf8'));
      }
    }
    return library;
  }

  add(locale: string, name: string, text: string): void {
    const [title, body] = text.split(SEPARATOR, 2);
    if (title === undefined || body === undefined) {
      throw new Error(
        `TEMPLATE_INVALID  templates/${locale}/${name}.liquid: a title, a line --- and a body → no line ---`,
      );
    }
    this.words.set(`${locale}/${name}`, { title: this.compile(title), body: this.compile(body) });
  }

  /** The locale nearest to the wanted one that has the template: `pt-BR`, `pt`, then English; null: none has it. */
  localeOf(name: string, wanted: string | null): string | null {
    const candidates = [wanted, wanted?.split('-')[0], FALLBACK_LOCALE];
    return candidates.find((locale) => locale && this.words.has(`${locale}/${name}`)) ?? null;
  }

  /** @throws Error what the template cannot work with. */
  render(locale: string, name: string, scope: object): RenderedWords {
    const words = this.words.get(`${locale}/${name}`);
    if (!words) throw new Error(`there is no template ${locale}/${name}`);
    const body = this.textOf(words.body, scope).replace(/\n{3,}/g, '\n\n');
    return { title: this.textOf(words.title, scope), body };
  }

  private compile(text: string): CompiledText {
    const templates = this.liquid.parse(text);
    return { templates, plain: plainText(templates, FILTERS) };
  }

  private textOf({ plain, templates }: CompiledText, scope: object): string {
    try {
      if (plain !== null) return plain(scope).trim();
    } catch (error) {
      if (!(error instanceof NotPlainError)) throw error;
    }
    return String(this.liquid.renderSync(templates, scope)).trim();
  }
}
