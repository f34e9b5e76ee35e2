/* The options below a field that searches: which one is current, and which question they answer. */

/**
 * `search` fetches the options for what stands in the field and puts them into `list`; it answers false when it could not.
 * An Enter that comes before the answer waits for it, so that it never takes an option of an earlier question.
 */
export function optionsOf(list, field, search) {
  let timer, turn = 0, due = false;
  const all = () => [...list.querySelectorAll('[role="option"]')];
  const current = () => list.querySelector('[aria-selected="true"]');

  function choose(option) {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option?.id) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }
  async function ask() {
    clearTimeout(timer);
    const mine = turn += 1;
    const answered = await search();
    if (mine === turn && answered !== false) due = false;
  }
  return {
    all, current, choose, ask,
    isDue: () => due,
    /** Down by `step`, from the last to the first. */
    move(step) {
      const options = all();
      if (options.length) choose(options[(options.indexOf(current()) + step + options.length) % options.length]);
    },
    /** Ask soon: the person is still typing. */
    typed(delay) {
      due = true;
      clearTimeout(timer);
      timer = setTimeout(ask, delay);
    },
    /** The current option, or null, once the options answer what was typed; nothing when typing went on. */
    async take(act) {
      const asked = field.value;
      if (due) await ask();
      if (!due && field.value === asked) act(current());
    },
    forget() {
      clearTimeout(timer);
      turn += 1;
      due = false;
      choose(null);
    },
  };
}
