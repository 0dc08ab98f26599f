/** Writes the fields of a bed into elements that the server's templates marked with data-field and data-vital. */

/** Fills `element` with what `fields` of bed_row.js says. */
export function fill(element, texts) {
  if (texts.band) element.dataset.band = texts.band;
  for (const target of element.querySelectorAll("[data-field]")) write(target, texts[target.dataset.field]);
  for (const target of element.querySelectorAll("[data-vital]")) fillVital(target, texts.vitals[target.dataset.vital]);
  for (const target of element.querySelectorAll("time")) target.dateTime = texts.measuredAt;
  for (const target of element.querySelectorAll("[data-orders]")) fillOrders(target, texts.orders);
}

function fillVital(element, { value, points }) {
  element.dataset.points = points;
  write(element.querySelector("[data-value]"), value);
  write(element.querySelector("[data-points-text]"), points);
}

function fillOrders(list, orders) {
  if ([...list.children].map((item) => item.textContent).join() === orders.join()) return;
  const items = orders.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  });
  list.replaceChildren(...items);
}

// Writing the same text again would take away a selection and speak to a screen reader.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
