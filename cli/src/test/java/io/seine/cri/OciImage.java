package io.seine.cri;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A container image as a file that {@code ctr images import} takes, made without a registry: an OCI
 * image layout in a tar file, with one uncompressed layer (OCI image specification 1.0,
 * image-layout.md and manifest.md).
 */
final class OciImage {

  private OciImage() {}

  /**
   * Writes an image.
   *
   * @param archive the tar file to write
   * @param name what the runtime will know it by, with a tag
   * @param files the image's files, by their path without a leading slash; all are executable
   * @param command what a container of this image runs by default
   */
  static void write(Path archive, String name, Map<String, byte[]> files, String command)
      throws IOException {
    Tar layer = new Tar();
    files.forEach((path, content) -> layer.file(path, 0755, content));
    byte[] layerBytes = layer.finish();
    byte[] config =
        utf8(
            """
            {"architecture":"%s","os":"linux","config":{"Entrypoint":["%s"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}\
            """
                .formatted(architecture(), command, digest(layerBytes)));
    byte[] manifest =
        utf8(
            """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}\
            """
                .formatted(
                    descriptor("application/vnd.oci.image.config.v1+json", config, ""),
                    descriptor("application/vnd.oci.image.layer.v1.tar", layerBytes, "")));
    String annotations = ",\"annotations\":{\"io.containerd.image.name\":\"%s\"}".formatted(name);

    Map<String, byte[]> layout = new LinkedHashMap<>();
    layout.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
    layout.put(
        "index.json",
        utf8(
            """
            {"schemaVersion":2,"manifests":[%s]}\
            """
                .formatted(
                    descriptor(
                        "application/vnd.oci.image.manifest.v1+json", manifest, annotations))));
    for (byte[] blob : new byte[][] {layerBytes, config, manifest}) {
      layout.put("blobs/" + digest(blob).replace(':', '/'), blob);
    }
    Tar tar = new Tar();
    layout.forEach((path, content) -> tar.file(path, 0644, content));
    Files.write(archive, tar.finish());
  }

  private static String descriptor(String mediaType, byte[] blob, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
        .formatted(mediaType, digest(blob), blob.length, more);
  }

  private static String digest(byte[] blob) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(blob));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
