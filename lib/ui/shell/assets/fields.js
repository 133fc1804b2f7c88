// What Streamlit 1.67 leaves undone about fields. Runs once a tab, on every page; sends nothing.
(() => {
  if (window.boxRunbookFields) return;
  window.boxRunbookFields = true;

  // A password field takes what was typed when it is left, but not when it is left for its own
  // button "Show password", and leaving that button is no event for it. So it is told.
  document.addEventListener("focusout", (event) => {
    const field = event.target.closest?.('[data-testid="stTextInput"]');
    const input = field?.querySelector("input");
    if (!input || event.target === input || field.contains(event.relatedTarget)) return;
    input.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  });

  // What is typed into a choice is looked for in the browser: Python can't tidy it. The characters
  // are INVISIBLE in lib/invisible.py.
  document.addEventListener("paste", (event) => {
    if (event.target.getAttribute?.("role") !== "combobox") return;
    const pasted = event.clipboardData.getData("text/plain");
    const tidy = pasted.replace(/[%INVISIBLE%]/g, "");
    if (tidy === pasted) return;
    event.preventDefault();
    document.execCommand("insertText", false, tidy);
  });
})();
