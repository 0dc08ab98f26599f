/** The words of the page's language, from Django's catalogue; what it lacks stays as it is written here. Pure. */

export function gettext(text) {
  return globalThis.django?.gettext?.(text) ?? text;
}

export function ngettext(one, many, count) {
  return globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);
}

/** A number as text, with the language's own decimal mark. */
export function decimal(text) {
  return text.replace(".", globalThis.django?.get_format?.("DECIMAL_SEPARATOR") ?? ".");
}

/** Puts `values` in the place of "%(name)s". */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
}
