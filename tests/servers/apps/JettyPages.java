import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.CustomRequestLog;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLogWriter;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** The three pages in Jetty, with its extended NCSA log. Arguments: port, log. */
public class JettyPages {
    public static void main(String[] arguments) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(arguments[0]));
        server.addConnector(connector);
        RequestLogWriter writer = new RequestLogWriter(arguments[1]);
        server.setRequestLog(new CustomRequestLog(writer, CustomRequestLog.EXTENDED_NCSA_FORMAT));
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                String path = Request.getPathInContext(request);
                String text = null;
                if (path.equals("/my/info")) {
                    text = "A page as a shop shows it, with name, address, telephone and orders: [[page my-info of " + user(request).replace("]", "") + "]]";
                } else if (path.equals("/account")) {
                    Fields fields = Request.extractQueryParameters(request);
                    text = page("account", fields.getValue("id"));
                } else if (path.startsWith("/customers/")) {
                    text = page("customer", path.substring(11));
                }
                if (text == null) {
                    Response.writeError(request, response, callback, 404);
                } else {
                    Content.Sink.write(response, true, text, callback);
                }
                return true;
            }
        });
        server.start();
        server.join();
    }

    static String page(String page, String text) {
        try {
            int one = Integer.parseInt(text);
            return one > 0 && one < 1000 ? "A page as a shop shows it, with name, address, telephone and orders: [[page " + page + " of " + one + "]]" : null;
        } catch (NumberFormatException fault) {
            return null;
        }
    }

    static String user(Request request) {
        String coded = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (coded == null || !coded.startsWith("Basic ")) {
            return "-";
        }
        try {
            return new String(Base64.getDecoder().decode(coded.substring(6)), StandardCharsets.UTF_8).split(":")[0];
        } catch (IllegalArgumentException fault) {
            return "-";
        }
    }
}
