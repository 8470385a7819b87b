// Tabs that arrows move among, as the pattern of ARIA has it.

import { element, word } from "./words.js";

export function makeTabs(place, items, isChosen, choose) {
    const buttons = items.map((item) => {
        const button = element("button", "", word(item.name));
        button.type = "button";
        button.role = "tab";
        button.id = `tab-${item.id}`;
        button.dataset.word = item.name;
        button.addEventListener("click", () => {
            choose(item);
            mark();
        });
        return button;
    });
    const mark = () => items.forEach((item, index) => {
        buttons[index].ariaSelected = String(isChosen(item));
        buttons[index].tabIndex = isChosen(item) ? 0 : -1;
    });
    place.replaceChildren(...buttons);
    place.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const index = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
        buttons[index].focus();
        buttons[index].click();
        event.preventDefault();
    };
    mark();
}
