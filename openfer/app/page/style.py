"""How the page looks and what it does in the browser."""

import gradio as gr

THEME = gr.themes.Default(
    primary_hue=gr.themes.colors.blue,
    font=["system-ui", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_label_text_color="*neutral_700",
    block_label_text_color_dark="*neutral_200",
)
"""The fonts are those of the device: none is fetched, none has holes."""

CSS = """
.gradio-container { max-width: 1280px !important; }
#about h1 { margin: 0 0 .3rem; }
:focus-visible { outline: 3px solid #2563eb !important; outline-offset: 2px; }
.dark :focus-visible { outline-color: #93c5fd !important; }
button[role=tab][aria-selected=true] { color: #1d4ed8 !important; }
.dark button[role=tab][aria-selected=true] { color: #93c5fd !important; }
.input { flex: 1 1 280px !important; } .output { flex: 3 1 320px !important; }
.result .headline { font-size: 1.5rem; margin: 0 0 .5rem; }
.result h3 { font-size: 1rem; margin: .4rem 0 .3rem; }
.marked { max-width: 100%; max-height: 60vh; border-radius: 8px; }
.refused { border-left: 5px solid #b91c1c; background: #fef2f2; color: #7f1d1d; padding: .7rem 1rem; }
.dark .refused { background: #450a0a; color: #fee2e2; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 1rem; margin: 1rem 0; }
.bars { list-style: none; margin: 0; padding: 0; }
.bars li { display: grid; grid-template-columns: 5rem 1fr 3.2rem; gap: .5rem; align-items: center; margin: .15rem 0; }
.track { height: .9rem; background: rgba(128, 128, 128, .25); border-radius: 4px; overflow: hidden; }
.filled { display: block; height: 100%; }
.share { text-align: right; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; margin: 1rem 0; }
.table table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.table caption { text-align: left; font-weight: 600; padding: .3rem 0; }
.table th, .table td { padding: .25rem .6rem; text-align: left; }
.table table, .table tr { border: 0 !important; }
.table th, .table td { border: 0 !important; border-bottom: 1px solid rgba(128, 128, 128, .4) !important; }
.download { display: inline-block; padding: .4rem 0; text-decoration: underline; color: #1d4ed8; }
.dark .download { color: #93c5fd; }
#camera-result .pending, #camera-result.pending { opacity: 1 !important; } /* the next frame is always pending */
.heat { display: flex; flex-wrap: wrap; gap: .5rem; }
.heat .marked { width: 180px; }
#alert:empty { display: none; }
@media (max-width: 700px) {
  .work:has(.result) > .output { order: -1; } /* the result comes first where the screen is narrow */
  .marked { max-height: 45vh; }
}
"""

HEAD = """
<style>
html:not(.without-camera) .no-camera, html.without-camera .camera, .toast-wrap { display: none !important; }
</style>
<script>
if (!(window.isSecureContext && navigator.mediaDevices)) document.documentElement.classList.add("without-camera");
const said = new WeakSet(), errors = '[data-testid="toast-body"].error [data-testid="toast-text"]';
new MutationObserver(() => {
  const alert = document.getElementById("alert");
  for (const toast of alert ? document.querySelectorAll(errors) : []) {
    if (said.has(toast)) continue;
    said.add(toast);
    alert.innerText = toast.innerText.replace(/^HTTP \\d+: /, "");
    alert.scrollIntoView({block: "nearest"});
  }
}).observe(document.documentElement, {childList: true, subtree: true});
for (const event of ["change", "click"]) document.addEventListener(event, ({target}) => {
  const alert = document.getElementById("alert");
  if (alert && (target.type === "file" || target.closest("button"))) alert.innerText = "";
}, true);
</script>
"""
"""Says where there is no camera, and makes a line that stays of gradio's errors, which vanish."""
