// The three pages in Express, with morgan's combined log. Arguments: port, log, package.
const express = require(process.argv[4] || "express");
const morgan = require("morgan");
const { mark, whole, user } = require("./pages.js");

const app = express();
const stream = require("fs").createWriteStream(process.argv[3], { flags: "a" });
app.use(morgan("combined", { stream }));
app.get("/my/info", (req, res) => res.send(mark("my-info", user(req))));
app.get("/customers/:id", (req, res) => answer(res, "customer", req.params.id));
app.get("/account", (req, res) => answer(res, "account", req.query.id));
app.use((error, req, res, next) => res.status(error.status || 500).send("fault"));

function answer(res, page, text) {
  const one = whole(text);
  if (one === null) res.status(404).send("none");
  else res.send(mark(page, one));
}
app.listen(Number(process.argv[2]), "127.0.0.1");
