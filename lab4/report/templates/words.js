// Counts the words of the reflection as they are written, and lets the field grow with them, so that print shows all.
const field = document.getElementById("reflection");
const count = document.getElementById("words");
function update() {
  const words = field.value.trim().split(/\s+/).filter(Boolean).length;
  count.textContent = words;
  count.className = words === 0 || (words >= 100 && words <= 150) ? "" : "outside";
  field.style.height = "auto";
  field.style.height = field.scrollHeight + 4 + "px";
}
field.addEventListener("input", update);
update();
