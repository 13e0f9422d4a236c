// The three pages in Koa with its router, with morgan's combined log. Arguments: port, log.
const Koa = require("koa");
const { Router } = require("@koa/router");
const morgan = require("koa-morgan");
const { mark, whole, user } = require("./pages.js");

const app = new Koa();
const router = new Router();
const stream = require("fs").createWriteStream(process.argv[3], { flags: "a" });
app.silent = true;
app.use(morgan("combined", { stream }));
router.get("/my/info", (ctx) => { ctx.body = mark("my-info", user(ctx.req)); });
router.get("/customers/:id", (ctx) => answer(ctx, "customer", ctx.params.id));
router.get("/account", (ctx) => answer(ctx, "account", ctx.query.id));
app.use(router.routes());

function answer(ctx, page, text) {
  const one = whole(text);
  if (one !== null) ctx.body = mark(page, one);
}
app.listen(Number(process.argv[2]), "127.0.0.1");
