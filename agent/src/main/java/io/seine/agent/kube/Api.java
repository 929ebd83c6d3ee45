package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.seine.agent.config.AgentConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;

/** The API server, as this process reaches it. */
public final class Api implements AutoCloseable {
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private final KubernetesClient client;

  /** Takes over the client and closes it in the end. */
  public Api(KubernetesClient client) {
    this.client = client;
  }

  /** For those who send more than this package does: the events. */
  public KubernetesClient client() {
    return client;
  }

  /** Where the server is. */
  public String address() {
    return client.getMasterUrl().toString();
  }

  /** One Node, or empty if there is none of this name. */
  public Optional<NodeInfo> node(String name) throws ApiException {
    try {
      return Optional.ofNullable(client.nodes().withName(name).get()).map(Reduce::node);
    } catch (KubernetesClientException e) {
      throw new ApiException(
          "Node " + name + " cannot be read at " + address() + ": " + e.getMessage(), e);
    }
  }

  public List<NodeInfo> nodes() throws ApiException, InterruptedException {
    return list(Kind.nodes());
  }

  public List<ServiceInfo> services() throws ApiException, InterruptedException {
    return list(Kind.services());
  }

  public List<SliceInfo> slices() throws ApiException, InterruptedException {
    return list(Kind.slices());
  }

  /**
   * The pods of a node, and of the others those that may be somebody's peer: running, with an
   * address of their own.
   */
  public List<PodInfo> pods(String node) throws ApiException, InterruptedException {
    return list(Kind.pods(node));
  }

  /** One Pod, of whatever node and in whatever state, or empty if there is none of this name. */
  public Optional<PodInfo> pod(ObjectKey key) throws ApiException {
    try {
      return Optional.ofNullable(
              client.pods().inNamespace(key.namespace()).withName(key.name()).get())
          .map(ReducePod::whole);
    } catch (KubernetesClientException e) {
      throw new ApiException(
          "Pod " + key + " cannot be read at " + address() + ": " + e.getMessage(), e);
    }
  }

  /** One Namespace, or empty if there is none of this name. */
  public Optional<NamespaceInfo> namespace(String name) throws ApiException {
    try {
      return Optional.ofNullable(client.namespaces().withName(name).get()).map(Reduce::namespace);
    } catch (KubernetesClientException e) {
      throw new ApiException(
          "Namespace " + name + " cannot be read at " + address() + ": " + e.getMessage(), e);
    }
  }

  public List<NamespaceInfo> namespaces() throws ApiException, InterruptedException {
    return list(Kind.namespaces());
  }

  public List<NetworkPolicyInfo> networkPolicies() throws ApiException, InterruptedException {
    return list(Kind.networkPolicies());
  }

  /** None if the cluster does not define the resource. */
  public List<ClusterPolicyInfo> clusterPolicies() throws ApiException, InterruptedException {
    return list(Kind.clusterPolicies());
  }

  /**
   * Writes a condition into the status of a ClusterNetworkPolicy, beside those that are others'.
   *
   * @throws ApiException if it has not been written; {@link ApiException#refersToNothing} if it
   *     need not be
   */
  public void apply(ObjectRef policy, Condition condition)
      throws ApiException, InterruptedException {
    new ConditionPatch(client).apply(policy, condition);
  }

  private <T extends HasMetadata, I> List<I> list(Kind<T, I> kind)
      throws ApiException, InterruptedException {
    List<I> found = new ArrayList<>();
    try {
      new Lister(client).list(kind, (key, info) -> found.add(info));
    } catch (ApiException e) {
      if (!kind.optional() || !e.notFound()) {
        throw e;
      }
    }
    return found;
  }

  @Override
  public void close() {
    client.close();
  }

  /**
   * The API server that the configuration names. Nothing is sent yet.
   *
   * @param environment the value of an environment variable, or the empty string
   * @throws ApiException if the configuration names none
   */
  public static Api connect(AgentConfig config, UnaryOperator<String> environment)
      throws ApiException {
    Config client =
        config.kubeconfig().isPresent() ? fromFile(config) : inCluster(config, environment);
    client.setWatchReconnectInterval(1000);
    client.setWatchReconnectLimit(-1);
    client.setRequestRetryBackoffLimit(2);
    client.setUserAgent("seine-agent");
    return new Api(
        new KubernetesClientBuilder()
            .withConfig(client)
            .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
            .build());
  }

  private static Config fromFile(AgentConfig config) throws ApiException {
    Path file = config.kubeconfig().orElseThrow();
    try {
      Config client = Config.fromKubeconfig(file.toFile());
      config.apiServer().map(URI::toString).ifPresent(client::setMasterUrl);
      return client;
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new ApiException("kubeconfig " + file + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static Config inCluster(AgentConfig config, UnaryOperator<String> environment)
      throws ApiException {
    String host = environment.apply("KUBERNETES_SERVICE_HOST");
    String port = environment.apply("KUBERNETES_SERVICE_PORT");
    if (config.apiServer().isEmpty() && host.isEmpty()) {
      throw new ApiException(
          "no API server: set 'kubeconfig' or 'apiServer', or run in a pod, where"
              + " KUBERNETES_SERVICE_HOST is set");
    }
    String url =
        config
            .apiServer()
            .map(URI::toString)
            .orElse("https://" + host + ":" + (port.isEmpty() ? "443" : port));
    ConfigBuilder builder = new ConfigBuilder(Config.empty()).withMasterUrl(url);
    if (Files.isReadable(ACCOUNT.resolve("ca.crt"))) {
      builder.withCaCertFile(ACCOUNT.resolve("ca.crt").toString());
    }
    if (Files.isReadable(ACCOUNT.resolve("token"))) {
      // Read anew for each request: the kubelet replaces the token before it expires.
      builder.withOauthTokenProvider(Api::token);
    }
    return builder.build();
  }

  private static String token() {
    try {
      return Files.readString(ACCOUNT.resolve("token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("the service account's token cannot be read", e);
    }
  }
}
