/* What comes before the modules, hence a plain script: light or dark without a flash, and the page's frame at once. */

(() => {
    const kept = localStorage.getItem("salon.theme");
    const dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
})();

addEventListener("DOMContentLoaded", () => {
    const rest = () => document.head.append(document.getElementById("rest").content);
    if (document.hidden) rest(); // nothing is drawn there, and it is to be ready when it is looked at
    else requestAnimationFrame(() => setTimeout(rest));
});
