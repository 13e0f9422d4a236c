import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.AccessLogValve;

/** The three pages as servlets of Tomcat, with its access log. Arguments: port, folder. */
public class TomcatPages {
    static class Pages extends HttpServlet {
        private final String page;

        Pages(String page) {
            this.page = page;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String text = page.equals("account") ? request.getParameter("id") : request.getPathInfo();
            if (page.equals("my-info")) {
                response.getWriter().print("A page as a shop shows it, with name, address, telephone and orders: [[page my-info of " + user(request).replace("]", "") + "]]");
                return;
            }
            try {
                int one = Integer.parseInt(text == null ? "" : page.equals("account") ? text : text.substring(1));
                if (one > 0 && one < 1000) {
                    response.getWriter().print("A page as a shop shows it, with name, address, telephone and orders: [[page " + page + " of " + one + "]]");
                    return;
                }
            } catch (NumberFormatException fault) {
                // below
            }
            response.sendError(404);
        }
    }

    static String user(HttpServletRequest request) {
        String coded = request.getHeader("Authorization");
        if (coded == null || !coded.startsWith("Basic ")) {
            return "-";
        }
        try {
            return new String(Base64.getDecoder().decode(coded.substring(6)), StandardCharsets.UTF_8).split(":")[0];
        } catch (IllegalArgumentException fault) {
            return "-";
        }
    }

    public static void main(String[] arguments) throws Exception {
        File folder = new File(arguments[1]);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(folder.getPath());
        tomcat.setHostname("localhost");
        tomcat.setPort(Integer.parseInt(arguments[0]));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        AccessLogValve log = new AccessLogValve();
        log.setDirectory(folder.getPath());
        log.setPrefix("access");
        log.setSuffix(".log");
        log.setRotatable(false);
        log.setPattern("combined");
        log.setBuffered(false);
        tomcat.getHost().getPipeline().addValve(log);
        Context context = tomcat.addContext("", null);
        for (String[] each : new String[][] {{"my-info", "/my/info"}, {"customer", "/customers/*"}, {"account", "/account"}}) {
            Tomcat.addServlet(context, each[0], new Pages(each[0]));
            context.addServletMappingDecoded(each[1], each[0]);
        }
        tomcat.start();
        tomcat.getServer().await();
    }
}
