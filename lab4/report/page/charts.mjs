// Draws each chart of the page from the Vega-Lite specification next to it, and again where a script asks for it.
// Expressions are interpreted, not compiled, so that the page may forbid eval.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

const isDark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new WeakMap();

async function draw(figure) {
  const place = figure.querySelector(".plot");
  const specification = JSON.parse(figure.querySelector("script").textContent);
  try {
    drawn.get(figure)?.finalize();
    const made = await embed(place, specification, {
      actions: false,
      ast: true,
      expr: expressionInterpreter,
      renderer: "svg",
      tooltip: { theme: isDark.matches ? "dark" : "light" },
    });
    drawn.set(figure, made);
  } catch (error) {
    place.textContent = `This chart could not be drawn (${error.message}); its figures are in the tables.`;
  }
}

// One after the other: of two that draw one chart at once, the earlier could end last.
let last = Promise.resolve();
const enqueue = (figure) => {
  last = last.then(() => (figure.hidden ? undefined : draw(figure)));
};

document.addEventListener("lab4-draw", (event) => enqueue(event.target));
document.querySelectorAll("figure.chart").forEach(enqueue);
