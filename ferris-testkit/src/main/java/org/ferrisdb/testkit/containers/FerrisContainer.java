package org.ferrisdb.testkit.containers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.config.ConfigKey;
import org.ferrisdb.node.local.NodePorts;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * One FerrisDB node in a container: by itself a cluster of one.
 *
 * <pre>{@code
 * try (FerrisContainer node = new FerrisContainer()) {
 *   node.start();
 *   try (Ferris ferris = node.connect()) { ... }
 * }
 * }</pre>
 *
 * <p>Its ports on this machine are chosen when the object is made, because a node has to know the
 * address that it advertises before it starts; they stay the same over {@code stop} and {@code
 * start}.
 */
public final class FerrisContainer extends GenericContainer<FerrisContainer> {
  /** The front door's port inside of the container. */
  public static final int CLIENT_PORT = 7001;

  /** The port of metrics, health and status inside of the container. */
  public static final int HTTP_PORT = 7201;

  static final int RAFT_PORT = 7101;

  /** The network of those who reach the node by a published port. */
  static final String OUTSIDE = "outside";

  private static final String IMAGE_VARIABLE = "FERRIS_IMAGE";
  private static final String DEFAULT_IMAGE = "ferrisdb:dev";

  /** A node of a test is small, and gone in a minute or so. */
  private static final String JVM_OPTIONS =
      "-Xms64m -Xmx256m -XX:MaxDirectMemorySize=128m " + String.join(" ", NodeJvm.shortLived());

  private static final Duration READY_WITHIN = Duration.ofSeconds(90);

  private final String host;
  private final NodePorts ports;

  /** A node of {@link #image}. */
  public FerrisContainer() {
    this(image());
  }

  /** The image that the environment variable {@code FERRIS_IMAGE} names, else ferrisdb:dev. */
  public static DockerImageName image() {
    return DockerImageName.parse(System.getenv().getOrDefault(IMAGE_VARIABLE, DEFAULT_IMAGE));
  }

  /** A node of an image of one's own choice. */
  public FerrisContainer(DockerImageName image) {
    this(image, NodePorts.free(1, new Random()).getFirst());
  }

  /** A node at ports of this machine that were chosen together with those of its peers. */
  FerrisContainer(DockerImageName image, NodePorts ports) {
    super(image);
    String docker = DockerClientFactory.instance().dockerHostIpAddress();
    boolean local = docker.equals("localhost") || docker.equals("127.0.0.1");
    host = local ? "127.0.0.1" : docker;
    this.ports = ports;
    // There is no authentication: nobody but this machine is to reach it, where that is possible.
    String on = local ? "127.0.0.1:" : "";
    setPortBindings(
        List.of(on + ports.client() + ":" + CLIENT_PORT, on + ports.http() + ":" + HTTP_PORT));
    withExposedPorts(CLIENT_PORT, HTTP_PORT);
    named("n1", "n1");
    withEnv("JDK_JAVA_OPTIONS", JVM_OPTIONS);
    withSetting("disk.reserve", "1m");
    waitingFor(Wait.forHttp("/health/ready").forPort(HTTP_PORT).withStartupTimeout(READY_WITHIN));
  }

  /** Its name in its cluster and, as a host, in the network. */
  FerrisContainer named(String name, String alias) {
    withSetting("node.name", name);
    withSetting("client.advertise", alias + ":" + CLIENT_PORT);
    withSetting("raft.advertise", alias + ":" + RAFT_PORT);
    withSetting("http.advertise", address(ports.http()));
    withSetting("client.networks", OUTSIDE + "=" + clientAddress());
    // By itself it must reach itself by the name that it advertises, also without a network.
    withCreateContainerCmdModifier(c -> c.withHostName(alias));
    return this;
  }

  /**
   * A setting of the node: see {@code ./ferris node --settings}.
   *
   * @throws IllegalArgumentException if there is no such setting
   */
  public FerrisContainer withSetting(String key, String value) {
    ConfigKey known =
        ConfigKey.named(key)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no setting '" + key + "'; ./ferris node --settings lists them"));
    return withEnv(known.environmentName(), value);
  }

  /** host:port of its front door, from here. */
  public String clientAddress() {
    return address(ports.client());
  }

  /** host:port of metrics, health and status, from here. */
  public String httpAddress() {
    return address(ports.http());
  }

  private String address(int port) {
    return host + ":" + port;
  }

  /** What a client in this JVM connects to. */
  public String url() {
    return "ferris://" + clientAddress();
  }

  /** A new client; whoever asked for it closes it. */
  public Ferris connect() {
    return Ferris.connect(url());
  }

  /**
   * Runs a command of {@code ./ferris} inside of the container, for example {@code cli("get",
   * "city/paris", "--url", "ferris://n1:7001")}.
   *
   * @throws IllegalStateException if it can not be run at all
   */
  public ExecResult cli(String... arguments) {
    List<String> command = new ArrayList<>(List.of("/ferris/runtime/bin/java", "@/ferris/cli.jvm"));
    command.addAll(List.of(arguments));
    try {
      return execInContainer(command.toArray(String[]::new));
    } catch (IOException e) {
      throw new IllegalStateException("can not run in " + getContainerId() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
