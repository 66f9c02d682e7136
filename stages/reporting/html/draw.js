// Bundled with Vega by vl-convert. `ast`: expressions are interpreted, so that the page's policy needs no eval.
window.draw = (place, spec) => vegaEmbed(place, spec, {
  ast: true, actions: false, renderer: "svg", tooltip: {theme: "page"},
  config: {
    background: null, font: "system-ui, sans-serif", view: {stroke: null},
    axis: {labelColor: "var(--soft)", titleColor: "var(--soft)", gridColor: "var(--line)", domainColor: "var(--line)",
           tickColor: "var(--line)", labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 150},
    legend: {labelColor: "var(--ink)", labelFontSize: 12, labelLimit: 240, symbolStrokeWidth: 2,
             columns: Math.max(1, Math.floor(place.clientWidth / 190))},
  },
});
