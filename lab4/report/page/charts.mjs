// Draws each chart of the page from the Vega-Lite specification next to it.
// Expressions are interpreted, not compiled, so that the page may forbid eval.
import embed from "vega-embed";
import { expressionInterpreter } from "vega-interpreter";

const isDark = matchMedia("(prefers-color-scheme: dark)");

async function draw(figure) {
  const place = figure.querySelector(".plot");
  const specification = JSON.parse(figure.querySelector("script").textContent);
  try {
    await embed(place, specification, {
      actions: false,
      ast: true,
      expr: expressionInterpreter,
      renderer: "svg",
      tooltip: { theme: isDark.matches ? "dark" : "light" },
    });
  } catch (error) {
    place.textContent = `This chart could not be drawn (${error.message}); its figures are in the tables.`;
  }
}

const figures = [...document.querySelectorAll("figure.chart")];
figures.reduce((before, figure) => before.then(() => draw(figure)), Promise.resolve());
