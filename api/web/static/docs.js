// Starts swagger-ui on the description that the page names. A file of its own: the policy takes no script in the text.
const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.openapi,
  deepLinking: true,
  // No badge of a validator elsewhere.
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: false,
});
