/* Sets light or dark before the first paint, so that nothing flashes: a plain script, since modules run too late. */

(() => {
    const kept = localStorage.getItem("salon.theme");
    const dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
