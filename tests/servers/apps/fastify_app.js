// The three pages in Fastify. One line a request of its own logger (pino), as its documentation shows it. Arguments: port, log.
const fastify = require("fastify");
const { mark, whole, user } = require("./pages.js");

const app = fastify({ disableRequestLogging: true, logger: { file: process.argv[3] } });
app.addHook("onResponse", async (request, reply) => {
  request.log.info({ req: request, res: reply, responseTime: reply.elapsedTime }, "request completed");
});
app.get("/my/info", async (request) => mark("my-info", user(request.raw)));
app.get("/customers/:id", async (request, reply) => answer(reply, "customer", request.params.id));
app.get("/account", async (request, reply) => answer(reply, "account", request.query.id));

function answer(reply, page, text) {
  const one = whole(text);
  return one === null ? reply.code(404).send("none") : mark(page, one);
}
app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
