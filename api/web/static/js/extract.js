// An extract's page: a button that prints it.

const print = document.getElementById("print");
print.hidden = false;
print.addEventListener("click", () => window.print());
