/** The page that is printed: its button opens the browser's print dialogue. */

const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());
