import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Liquid, type Template } from 'liquidjs';
import { dayText, spanText } from './day-text.js';

export interface RenderedWords {
  readonly title: string;
  readonly body: string;
}

interface CompiledWords {
  readonly title: Template[];
  readonly body: Template[];
}

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
    this.liquid.registerFilter('day', (date: string, locale: string) => dayText(date, locale));
    this.liquid.registerFilter('span', (span: string, locale: string) => spanText(span, locale));
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
    this.words.set(`${locale}/${name}`, { title: this.liquid.parse(title), body: this.liquid.parse(body) });
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
    const text = (templates: Template[]): string => String(this.liquid.renderSync(templates, scope)).trim();
    return { title: text(words.title), body: text(words.body).replace(/\n{3,}/g, '\n\n') };
  }
}
