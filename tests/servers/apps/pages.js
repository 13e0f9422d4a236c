// What the pages of all Node applications hold.
exports.mark = (page, whose) => `A page as a shop shows it, with name, address, telephone and orders: [[page ${page} of ${String(whose).replace(/\]/g, "")}]]`;

// parseInt, as applications use it
exports.whole = (text) => {
  const one = parseInt(text);
  return one >= 1 && one < 1000 ? one : null;
};

exports.user = (req) => {
  const [kind, coded] = (req.headers.authorization || "").split(" ");
  return kind === "Basic" ? Buffer.from(coded || "", "base64").toString().split(":")[0] : "-";
};
