// Leaflet comes without types, and puts itself where old scripts look for it: see static/map/map.js.
export {};
