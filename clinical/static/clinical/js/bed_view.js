/** Writes the fields of a bed into elements that the server's templates marked with data-field and data-vital. */

/** Fills `element` with what `fields` of bed_row.js says. */
export function fill(element, texts) {
  if (texts.band) element.dataset.band = texts.band;
  element.dataset.due = texts.dueState;
  for (const target of element.querySelectorAll("[data-field]")) write(target, texts[target.dataset.field]);
  for (const target of element.querySelectorAll("[data-vital]")) fillVital(target, texts.vitals[target.dataset.vital]);
  for (const target of element.querySelectorAll("time")) target.dateTime = texts.measuredAt;
  for (const target of element.querySelectorAll("[data-due-at]")) {
    Object.assign(target.dataset, { dueAt: texts.dueAt, interval: texts.interval });
  }
  for (const target of element.querySelectorAll("[data-until]")) target.dataset.until = texts.nurseUntil;
  for (const target of element.querySelectorAll("[data-flags]")) fillFlags(target, texts.flags);
  for (const target of element.querySelectorAll("[data-orders]")) fillTexts(target, texts.orders);
  for (const target of element.querySelectorAll("[data-alerts]")) fillAlerts(target, texts.alerts);
}

function fillVital(element, { value, points }) {
  element.dataset.points = points;
  write(element.querySelector("[data-value]"), value);
  write(element.querySelector("[data-points-text]"), points);
}

function fillFlags(list, flags) {
  fillTexts(list, flags.map(({ word }) => word));
  flags.forEach(({ kind }, at) => {
    list.children[at].className = "flag";
    list.children[at].dataset.flag = kind;
  });
}

function fillTexts(list, texts) {
  if ([...list.children].map((item) => item.textContent).join() === texts.join()) return;
  const items = texts.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  });
  list.replaceChildren(...items);
}

function fillAlerts(list, alerts) {
  while (list.children.length > alerts.length) list.lastElementChild.remove();
  const template = document.getElementById("bed-alert");
  while (list.children.length < alerts.length) list.append(template.content.firstElementChild.cloneNode(true));
  alerts.forEach((alert, at) => fillAlert(list.children[at], alert));
}

function fillAlert(item, alert) {
  Object.assign(item.dataset, { severity: alert.severity, raisedAt: alert.raisedAt });
  for (const target of item.querySelectorAll("[data-alert-field]")) write(target, alert[target.dataset.alertField]);
}

// Writing the same text again would take away a selection and speak to a screen reader.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
