/// FerrisDB for the tests of applications. Two ways:
///
/// - **inside the test's JVM**: real nodes on real sockets and files, ready in about a second. A
///   test class says so with [FerrisTest] and takes what it wants as parameters; without JUnit,
///   [EmbeddedFerris] does the same.
/// - **in containers** (package `containers`, needs Testcontainers): the image that runs in
///   production, with a network that can be cut.
///
/// ```java
/// @FerrisTest
/// class CityServiceTest {
///   @Test
///   void remembersACity(Ferris ferris) {
///     new CityService(ferris).add("paris", 2_102_650);
///     assertThat(ferris.get(utf8("city/paris"))).isPresent();
///   }
/// }
/// ```
///
/// Each test method begins with an empty database; the cluster is started once for a class. Tests
/// that want to see how an application takes a fault ask for several nodes, [FerrisTest#nodes], and
/// kill one: [EmbeddedFerris#kill].
@NullMarked
package org.ferrisdb.testkit;

import org.jspecify.annotations.NullMarked;
