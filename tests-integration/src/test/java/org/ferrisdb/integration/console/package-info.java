/// The web console in a browser, with a cluster of processes behind it.
///
/// [Browser] drives headless Chromium over the W3C WebDriver protocol, which is plain JSON over
/// HTTP; where Chromium or its driver is not installed, the tests are skipped, and `./ferris test`
/// says so.
@NullMarked
package org.ferrisdb.integration.console;

import org.jspecify.annotations.NullMarked;
