package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.openflow.Ip;
import java.net.URI;
import java.util.List;

/** Where the API server answers, by TCP. */
public record ApiServer(Ip address, int port) {
  /**
   * The server of a URL that has an address; none of one that has a name: the endpoints of the
   * service {@code default/kubernetes} say where that is.
   */
  public static List<ApiServer> at(String url) {
    URI uri = URI.create(url);
    int implied = "http".equals(uri.getScheme()) ? 80 : 443;
    String host = uri.getHost() == null ? "" : uri.getHost().replaceAll("[\\[\\]]", "");
    return Networks.ip(host).stream()
        .map(address -> new ApiServer(address, uri.getPort() < 0 ? implied : uri.getPort()))
        .toList();
  }
}
