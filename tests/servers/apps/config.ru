# The three pages in Sinatra, with Rack's common log.
require "base64"
require "sinatra/base"

class Pages < Sinatra::Base
  set :environment, :production
  set :logging, false
  set :host_authorization, { permitted_hosts: [] }

  get("/my/info") { "A page as a shop shows it, with name, address, telephone and orders: [[page my-info of #{user.delete(']')}]]" }
  get("/customers/:id") { page("customer", params[:id]) }
  get("/account") { page("account", params[:id]) }

  def user
    kind, coded = request.env["HTTP_AUTHORIZATION"].to_s.split(" ", 2)
    kind == "Basic" ? Base64.decode64(coded.to_s).force_encoding("UTF-8").scrub.split(":").first.to_s : "-"
  end

  def page(name, text)
    one = text.to_s.to_i
    one.between?(1, 999) ? "A page as a shop shows it, with name, address, telephone and orders: [[page #{name} of #{one}]]" : halt(404)
  end
end

LOG = File.open(ENV.fetch("ACCESS_LOG"), "a").tap { |file| file.sync = true }
use Rack::CommonLogger, LOG
run Pages
