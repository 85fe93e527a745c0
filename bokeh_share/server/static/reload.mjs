// Reloads the page when the server has another version of it.

/**
 * Reloads the page if its build is another than the server's, at most once for each build.
 * @param {{ build: string | null }} message
 * @param {string | undefined} ownBuild
 * @returns {boolean} true if the page reloads
 */
export function reloadForNewBuild({ build }, ownBuild) {
  if (!build || build === ownBuild) return false;
  if (sessionStorage.getItem("pageBuild") === build) return false;
  sessionStorage.setItem("pageBuild", build);
  location.reload();
  return true;
}
