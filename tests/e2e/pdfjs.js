// The text of each PDF's first page as pdf.js gives it in the order of the content stream, a JSON string a line.
// Usage: node pdfjs.js FOLDER_OF_PDF_JS PDF...; with PDF_PASSWORD in the environment, of those that need one.
const fs = require("fs");
const path = require("path");
console.log = console.error; // pdf.js's remarks on what it could not draw
const pdfjs = require(path.resolve(process.argv[2], "pdf.js"));

(async () => {
  for (const file of process.argv.slice(3)) {
    const pdf = await pdfjs.getDocument({ data: new Uint8Array(fs.readFileSync(file)), password: process.env.PDF_PASSWORD }).promise;
    const content = await (await pdf.getPage(1)).getTextContent();
    process.stdout.write(JSON.stringify(content.items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("")) + "\n");
    await pdf.destroy();
  }
})();
